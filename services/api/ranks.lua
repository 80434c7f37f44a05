-- Read where some slots stand in every order.
--
-- KEYS: touched slots, number of slots.
-- ARGV: what the other keys start with; the orders, divided by blanks; first slot, and the last one.
-- Returns: id of the last entry of the touched slots ("0-0": there is none); number of slots; for each order the scores of those slots,
--          divided by blanks, "nan" for one that has no place in it.
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local slots = {}
for slot = tonumber(ARGV[3]), tonumber(ARGV[4]) do
  slots[#slots + 1] = slot
end
local found = { last and last[1] or '0-0', tonumber(redis.call('GET', KEYS[2]) or 0) }
for order in string.gmatch(ARGV[2], '%S+') do
  local scores = redis.call('ZMSCORE', ARGV[1] .. 'o:' .. order, unpack(slots))
  for at = 1, #slots do
    scores[at] = scores[at] or 'nan'
  end
  found[#found + 1] = table.concat(scores, ' ')
end
return found
