-- Read what a list needs of the indexes, in one instant: where the stream of changes stands, how many slots there are, where
-- those slots stand now that were written since the reader looked last, and the slots of each term.
--
-- KEYS: stream of changes, number of slots, touched slots.
-- ARGV: what the other keys start with; id of the last entry of the touched slots that the reader knows ("0-0": there was
--       none; empty: the reader does not want them); entries of these at most; the orders, divided by blanks; the terms,
--       each with the letter of its index and ":" before it.
-- Returns: last id of the stream; number of slots; what was touched: nothing where the reader has missed some, else a list of
--       the id of the last entry looked at, 1 where there are more, the slots divided by blanks, slot and score of the
--       event that changed last (empty: there is none), and for each order the slots' scores, divided by blanks, "nan" for
--       one that has no place in it; then for each term its bitmap (a string) or its
--       set (a list of one string, the slots divided by blanks: clients spend most of their time on replies in many pieces).
local base, since, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local position = '0-0'
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if not info.err then
  for number = 1, #info, 2 do
    if info[number] == 'last-generated-id' then
      position = info[number + 1]
    end
  end
end

local function touched()
  if since == '' then
    return { since, 0, '' }
  end
  local rows = redis.call('XRANGE', KEYS[3], since, '+', 'COUNT', most + 1)
  local first = 1
  if since ~= '0-0' then
    if not rows[1] or rows[1][1] ~= since then
      return false
    end
    first = 2
  elseif #rows > most then
    return false
  end
  local last, slots, there = since, {}, {}
  for number = first, #rows do
    local slot = rows[number][2][2]
    last = rows[number][1]
    if not there[slot] then
      there[slot] = true
      slots[#slots + 1] = slot
    end
  end
  local newest = redis.call('ZREVRANGE', base .. 'o:last_changed', 0, 0, 'WITHSCORES')
  local answer = { last, #rows > most and 1 or 0, table.concat(slots, ' '), newest[1] or '', newest[2] or '' }
  for order in string.gmatch(ARGV[4], '%S+') do
    local scores = {}
    if #slots > 0 then
      scores = redis.call('ZMSCORE', base .. 'o:' .. order, unpack(slots))
      for at = 1, #slots do
        scores[at] = scores[at] or 'nan'
      end
    end
    answer[#answer + 1] = table.concat(scores, ' ')
  end
  return answer
end

local found = { position, tonumber(redis.call('GET', KEYS[2]) or 0), touched() }
for number = 5, #ARGV do
  local key = base .. ARGV[number]
  if redis.call('TYPE', key).ok == 'string' then
    found[#found + 1] = redis.call('GET', key)
  else
    found[#found + 1] = { table.concat(redis.call('SMEMBERS', key), ' ') }
  end
end
return found
