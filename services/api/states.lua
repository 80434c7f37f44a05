-- Read the states of the events in some slots.
--
-- KEYS: ids.
-- ARGV: what the other keys start with; the slots, divided by blanks.
-- Returns: for each slot the state, or nothing where there is none.
local base, hex, found = ARGV[1], string.rep('%02x', 16), {}
for slot in string.gmatch(ARGV[2], '%d+') do
  local at = tonumber(slot) * 16
  local id = redis.call('GETRANGE', KEYS[1], at, at + 15)
  found[#found + 1] = #id == 16 and redis.call('GET', base .. 'e:' .. hex:format(id:byte(1, 16)))
end
return found
