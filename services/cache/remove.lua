-- Take one event out, with everything that leads to it, if the state that stands there is the one expected.
--
-- KEYS: state, history, free slots.
-- ARGV: what the other keys start with; revision that must stand there; now in seconds; then, each one argument with an
--       entry a line: terms it carries, terms it carried, orders, articles.
-- Returns 1 where it was taken out.
local base = ARGV[1]
local head = redis.call('GETRANGE', KEYS[1], 0, 7)
if #head < 8 then
  return 0
end
local slot, held = struct.unpack('>I4I4', head)
if held ~= tonumber(ARGV[2]) then
  return 0
end
local function take(key)
  if redis.call('TYPE', key).ok == 'string' then
    redis.call('SETBIT', key, slot, 0)
  else
    redis.call('SREM', key, slot)
  end
end
for term in string.gmatch(ARGV[4], '[^\n]+') do
  take(base .. 't:' .. term)
end
for term in string.gmatch(ARGV[5], '[^\n]+') do
  take(base .. 'w:' .. term)
end
local changed = redis.call('ZSCORE', base .. 'o:last_changed', slot)
if changed and tonumber(changed) > tonumber(redis.call('GET', base .. 'forgotten') or 0) then
  redis.call('SET', base .. 'forgotten', changed)
end
redis.call('ZREM', base .. 'holes', slot)
for order in string.gmatch(ARGV[6], '[^\n]+') do
  redis.call('ZREM', base .. 'o:' .. order, slot)
end
for _, packed in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  redis.call('ZREM', base .. 'o:was', slot .. ':' .. struct.unpack('>I4', packed))
end
local place = struct.pack('>I4', slot)
for article in string.gmatch(ARGV[7], '[^\n]+') do
  local key, field = base .. 'a:' .. string.sub(article, 1, 3), article:gsub('..', function(hex)
    return string.char(tonumber(hex, 16))
  end)
  local left = {}
  local slots = redis.call('HGET', key, field) or ''
  for at = 1, #slots, 4 do
    local each = string.sub(slots, at, at + 3)
    if each ~= place then
      left[#left + 1] = each
    end
  end
  if #left > 0 then
    redis.call('HSET', key, field, table.concat(left))
  else
    redis.call('HDEL', key, field)
  end
end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZADD', KEYS[3], ARGV[3], slot)
return 1
