-- Take a slot out of an index where the event that has it does not belong, if that event's state is the one looked at.
--
-- KEYS: state of the event whose id the slot has, index, touched slots.
-- ARGV: slot; revision that must stand, 0 where no state of the event may stand in that slot.
-- Returns 1 where it was taken out.
local head = redis.call('GETRANGE', KEYS[1], 0, 7)
local slot, held = -1, 0
if #head == 8 then
  slot, held = struct.unpack('>I4I4', head)
end
if slot ~= tonumber(ARGV[1]) then
  held = 0
end
if held ~= tonumber(ARGV[2]) then
  return 0
end
local kind = redis.call('TYPE', KEYS[2]).ok
if kind == 'string' then
  return redis.call('SETBIT', KEYS[2], ARGV[1], 0)
elseif kind == 'set' then
  return redis.call('SREM', KEYS[2], ARGV[1])
end
redis.call('XADD', KEYS[3], 'MAXLEN', '~', @TOUCHED_KEPT@, '*', 's', ARGV[1])
return redis.call('ZREM', KEYS[2], ARGV[1])
