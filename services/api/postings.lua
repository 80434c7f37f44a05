-- Read what a list needs of the indexes, in one instant: where the stream of changes stands, how many slots there are,
-- the slots of each term, and those in each range if they are few.
--
-- KEYS: stream of changes, number of slots.
-- ARGV: what the other keys start with; slots of a range at most; number of terms; the terms, each with the letter of its
--       index and ":" before it; then for each range the order and two bounds as ZCOUNT takes them.
-- Returns: last id of the stream, number of slots, for each term its bitmap (a string) or its set (a list of one string, the
--       slots divided by blanks: clients spend most of their time on replies in many pieces), for each range its slots (so
--       too) or how many they are (a number).
local base, most, terms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local position = '0-0'
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if not info.err then
  for number = 1, #info, 2 do
    if info[number] == 'last-generated-id' then
      position = info[number + 1]
    end
  end
end
local found = { position, tonumber(redis.call('GET', KEYS[2]) or 0) }
for number = 4, 3 + terms do
  local key = base .. ARGV[number]
  if redis.call('TYPE', key).ok == 'string' then
    found[#found + 1] = redis.call('GET', key)
  else
    found[#found + 1] = { table.concat(redis.call('SMEMBERS', key), ' ') }
  end
end
for number = 4 + terms, #ARGV, 3 do
  local key = base .. 'o:' .. ARGV[number]
  local count = redis.call('ZCOUNT', key, ARGV[number + 1], ARGV[number + 2])
  if count > most then
    found[#found + 1] = count
  else
    found[#found + 1] = { table.concat(redis.call('ZRANGEBYSCORE', key, ARGV[number + 1], ARGV[number + 2]), ' ') }
  end
end
return found
