-- One transaction of the embedded runtime: acknowledge inputs, send outputs, write state; all of it or nothing.
--
-- An input that another worker has acknowledged already is skipped with its outputs and writes, so a message that was
-- taken over counts once. A worker that lost its lease changes nothing and is told so.
--
-- KEYS: lease, state hash, commit marker, then the streams that ARGV refers to by number (from 1).
-- ARGV: owner ("" where the stage needs no lease), lease time in ms, commit token ("" where inputs make it safe to
--       repeat), group, number of answers, then for each answer:
--       input stream (0: none), entry id, number of emits, for each: stream, entries to keep (0: all), number of
--       fields and values, the fields and values; number of writes, for each: key, "1" and value, or "0" and "" to delete.
-- Returns the number of answers that counted, or the error LEASELOST.
local owner, token, group = ARGV[1], ARGV[3], ARGV[4]
if owner ~= '' then
  local held = redis.call('GET', KEYS[1])
  if held and held ~= owner then
    return redis.error_reply('LEASELOST held by ' .. held)
  end
  redis.call('SET', KEYS[1], owner, 'PX', ARGV[2])
end
if token ~= '' then
  if redis.call('GET', KEYS[3]) == token then
    return tonumber(ARGV[5])
  end
  redis.call('SET', KEYS[3], token)
end

local at, counted = 6, 0
local function take()
  local value = ARGV[at]
  at = at + 1
  return value
end

for _ = 1, tonumber(ARGV[5]) do
  local stream, entry = tonumber(take()), take()
  local counts = stream == 0 or redis.call('XACK', KEYS[3 + stream], group, entry) == 1
  if counts then
    counted = counted + 1
  end
  for _ = 1, tonumber(take()) do
    local target, keep, width = KEYS[3 + tonumber(take())], take(), tonumber(take())
    if counts then
      if keep == '0' then
        redis.call('XADD', target, '*', unpack(ARGV, at, at + width - 1))
      else
        redis.call('XADD', target, 'MAXLEN', '~', keep, '*', unpack(ARGV, at, at + width - 1))
      end
    end
    at = at + width
  end
  for _ = 1, tonumber(take()) do
    local key, present, value = take(), take(), take()
    if counts then
      if present == '1' then
        redis.call('HSET', KEYS[2], key, value)
      else
        redis.call('HDEL', KEYS[2], key)
      end
    end
  end
end
return counted
