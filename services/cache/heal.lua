-- Make the indexes of one event what its state says, if that state stands.
--
-- KEYS: state, ids, touched slots.
-- ARGV: what the other keys start with; revision that must stand; id in 16 bytes; then, each one argument with an entry a
--       line: the terms, "order score".
-- Returns the slot and how many entries were missing or wrong; nothing where another state stands.
local base = ARGV[1]
local head = redis.call('GETRANGE', KEYS[1], 0, 7)
if #head < 8 then
  return {}
end
local slot, held = struct.unpack('>I4I4', head)
if held ~= tonumber(ARGV[2]) then
  return {}
end
local mended = 0
if redis.call('GETRANGE', KEYS[2], slot * 16, slot * 16 + 15) ~= ARGV[3] then
  redis.call('SETRANGE', KEYS[2], slot * 16, ARGV[3])
  mended = mended + 1
end
for term in string.gmatch(ARGV[4], '[^\n]+') do
  local key = base .. 't:' .. term
  if redis.call('TYPE', key).ok == 'string' then
    mended = mended + 1 - redis.call('SETBIT', key, slot, 1)
  else
    mended = mended + redis.call('SADD', key, slot)
  end
end
local moved = false
for order, score in string.gmatch(ARGV[5], '(%S+) (%S+)') do
  local key = base .. 'o:' .. order
  local stands = redis.call('ZSCORE', key, slot)
  if not stands or tonumber(stands) ~= tonumber(score) then
    redis.call('ZADD', key, score, slot)
    mended, moved = mended + 1, true
  end
end
if moved then
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', @TOUCHED_KEPT@, '*', 's', slot)
end
return { slot, mended }
