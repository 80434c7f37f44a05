-- Read one page of events in one of the orders, out of the candidates that the indexes left.
--
-- Few candidates are sorted; of many, the order is walked and each slot looked up in the bitmap of candidates.
--
-- KEYS: the order, ids.
-- ARGV: what the other keys start with; events at most; "desc" or "asc"; score and slot after which the page starts
--       (both empty: at the beginning); slots to look at most, and at a time; the candidates, as "list" or "bits" with
--       slots divided by blanks or a bitmap; then, for each group of ranges that is still to be checked, their number, and
--       for each its order, lowest and highest score, with "(" before the latter where it lies outside itself.
-- Returns: score and slot of the last event looked at, both empty at the end; then the states.
local base, limit, down = ARGV[1], tonumber(ARGV[2]), ARGV[3] == 'desc'
local from_score, from_slot, budget = ARGV[4], ARGV[5], tonumber(ARGV[6])
local at_once, as_list, candidates = tonumber(ARGV[7]), ARGV[8] == 'list', ARGV[9]

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

local groups, number = {}, 10
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
-- Leave those of some slots that lie in a range of every group: one call a range, however many slots.
local function passing(slots)
  for _, group in ipairs(groups) do
    if #slots == 0 then
      return slots
    end
    local inside = {}
    for _, range in ipairs(group) do
      for first = 1, #slots, 1000 do
        local last = math.min(first + 999, #slots)
        for at, score in ipairs(redis.call('ZMSCORE', range.key, unpack(slots, first, last))) do
          score = score and tonumber(score)
          if score and score >= range.low and score <= range.high and not (range.below and score == range.high) then
            inside[first + at - 1] = true
          end
        end
      end
    end
    local left = {}
    for at, slot in ipairs(slots) do
      if inside[at] then
        left[#left + 1] = slot
      end
    end
    slots = left
  end
  return slots
end

local found, last_slot, more = {}, '', false
local hex = string.rep('%02x', 16)
local function add(slot)
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
  last_slot = slot
  return true
end

if as_list then
  local slots = {}
  for slot in string.gmatch(candidates, '%d+') do
    slots[#slots + 1] = slot
  end
  slots = passing(slots)
  -- The first of the page and one more, in order: few candidates come before the last of them.
  local starts = tonumber(from_score)
  local top_scores, top_slots, kept = {}, {}, 0
  for first = 1, #slots, 1000 do
    local last = math.min(first + 999, #slots)
    for number, score in ipairs(redis.call('ZMSCORE', KEYS[1], unpack(slots, first, last))) do
      local value, slot = score and tonumber(score), slots[first + number - 1]
      if value and (not starts or before(starts, from_slot, value, slot))
        and (kept <= limit or before(value, slot, top_scores[kept], top_slots[kept])) then
        local at = kept <= limit and kept + 1 or kept
        kept = at
        while at > 1 and before(value, slot, top_scores[at - 1], top_slots[at - 1]) do
          top_scores[at], top_slots[at] = top_scores[at - 1], top_slots[at - 1]
          at = at - 1
        end
        top_scores[at], top_slots[at] = value, slot
      end
    end
  end
  for _, slot in ipairs(top_slots) do
    if not add(slot) then
      break
    end
  end
  more = kept > limit
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
    local most = math.min(at_once, budget - seen)
    local rows = redis.call(down and 'ZREVRANGE' or 'ZRANGE', KEYS[1], rank, rank + most - 1)
    local marked = {}
    for _, slot in ipairs(rows) do
      local at = tonumber(slot)
      local byte = candidates:byte(math.floor(at / 8) + 1)
      if byte and bit.band(byte, bit.lshift(1, 7 - at % 8)) ~= 0 then
        marked[#marked + 1] = slot
      end
    end
    for _, slot in ipairs(passing(marked)) do
      if not add(slot) then
        going = false
        break
      end
    end
    rank, seen = rank + most, seen + #rows
    if #rows < most then
      break
    end
    if going and seen >= budget then
      last_slot, more, going = rows[#rows], true, false
    end
  end
end
if not more then
  return { '', '', unpack(found) }
end
return { redis.call('ZSCORE', KEYS[1], last_slot), last_slot, unpack(found) }
