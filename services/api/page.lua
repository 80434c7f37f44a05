-- Read one page of events in one of the orders, out of the candidates that the indexes left.
--
-- Few candidates are sorted; of many, the order is walked and each slot looked up in the bitmap of candidates.
--
-- KEYS: the order, ids.
-- ARGV: what the other keys start with; events at most; "desc" or "asc"; score and slot after which the page starts
--       (both empty: at the beginning); slots to look at most; the candidates, as "list" or "bits" with slots divided by
--       blanks or a bitmap; then, for each group of ranges that is still to be checked, their number, and for each its
--       order, lowest and highest score, with "(" before the latter where it lies outside itself.
-- Returns: score and slot of the last event looked at, both empty at the end; then the states.
local base, limit, down = ARGV[1], tonumber(ARGV[2]), ARGV[3] == 'desc'
local from_score, from_slot, budget = ARGV[4], ARGV[5], tonumber(ARGV[6])
local as_list, candidates = ARGV[7] == 'list', ARGV[8]

local function before(score, slot, other_score, other_slot)
  if score ~= other_score then
    if down then
      return score > other_score
    end
    return score < other_score
  end
  if down then
    return slot > other_slot
  end
  return slot < other_slot
end

local groups, number = {}, 9
while ARGV[number] do
  local group = {}
  for _ = 1, tonumber(ARGV[number]) do
    local low, high = ARGV[number + 2], ARGV[number + 3]
    group[#group + 1] = {
      key = base .. 'o:' .. ARGV[number + 1],
      low = low == '-inf' and -math.huge or tonumber(low),
      high = high == '+inf' and math.huge or tonumber((high:gsub('[(]', ''))),
      below = high:sub(1, 1) == '(',
    }
    number = number + 3
  end
  groups[#groups + 1] = group
  number = number + 1
end
local function in_any(group, slot)
  for _, range in ipairs(group) do
    local score = redis.call('ZSCORE', range.key, slot)
    score = score and tonumber(score)
    if score and score >= range.low and score <= range.high and not (range.below and score == range.high) then
      return true
    end
  end
  return false
end
local function passes(slot)
  for _, group in ipairs(groups) do
    if not in_any(group, slot) then
      return false
    end
  end
  return true
end

local found, last_score, last_slot, more = {}, '', '', false
local hex = string.rep('%02x', 16)
local function add(slot, score)
  if #found == limit then
    more = true
    return false
  end
  local at = tonumber(slot) * 16
  local id = redis.call('GETRANGE', KEYS[2], at, at + 15)
  if #id == 16 then
    local state = redis.call('GET', base .. 'e:' .. hex:format(id:byte(1, 16)))
    if state then
      found[#found + 1] = state
    end
  end
  last_score, last_slot = score, slot
  return true
end

if as_list then
  local slots, rows = {}, {}
  for slot in string.gmatch(candidates, '%d+') do
    slots[#slots + 1] = slot
  end
  local starts = tonumber(from_score)
  for first = 1, #slots, 1000 do
    local part = { unpack(slots, first, math.min(first + 999, #slots)) }
    for number, score in ipairs(redis.call('ZMSCORE', KEYS[1], unpack(part))) do
      local value = score and tonumber(score)
      if value and (not starts or before(starts, from_slot, value, part[number])) then
        rows[#rows + 1] = { value, part[number], score }
      end
    end
  end
  table.sort(rows, function(one, other) return before(one[1], one[2], other[1], other[2]) end)
  for _, row in ipairs(rows) do
    if passes(row[2]) and not add(row[2], row[3]) then
      break
    end
  end
else
  -- Where the page starts, as a rank: what comes before it by its score, and by its slot among equals.
  local rank = 0
  if from_score ~= '' then
    if down then
      rank = redis.call('ZCOUNT', KEYS[1], '(' .. from_score, '+inf')
    else
      rank = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. from_score)
    end
    local low, high = rank, rank + redis.call('ZCOUNT', KEYS[1], from_score, from_score)
    while low < high do
      local middle = math.floor((low + high) / 2)
      local slot = redis.call(down and 'ZREVRANGE' or 'ZRANGE', KEYS[1], middle, middle)[1]
      if slot and before(1, from_slot, 1, slot) then
        high = middle
      else
        low = middle + 1
      end
    end
    rank = low
  end
  local seen, going = 0, true
  while going do
    local rows = redis.call(down and 'ZREVRANGE' or 'ZRANGE', KEYS[1], rank, rank + 199, 'WITHSCORES')
    if #rows == 0 then
      break
    end
    for number = 1, #rows, 2 do
      local slot = rows[number]
      local at = tonumber(slot)
      local byte = candidates:byte(math.floor(at / 8) + 1)
      if byte and bit.band(byte, bit.lshift(1, 7 - at % 8)) ~= 0 and passes(slot) then
        if not add(slot, rows[number + 1]) then
          going = false
          break
        end
      end
      seen = seen + 1
      if seen >= budget then
        last_score, last_slot, more, going = rows[number + 1], slot, true, false
        break
      end
    end
    rank = rank + 200
  end
end
if not more then
  last_score, last_slot = '', ''
end
return { last_score, last_slot, unpack(found) }
