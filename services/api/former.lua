-- Read states that stood at a past moment: walk all states, those that stand and those before, down from that moment.
--
-- KEYS: order of last change, earlier states, ids.
-- ARGV: what the other keys start with; score and member after which to go on; states at most; entries to look at most;
--       the bitmap of candidates.
-- Returns: score and member of the last entry looked at, both empty at the end; then for each candidate its score, its
--       member ("slot" or "slot:revision"), the state that stands and the earlier ones.
local base, score, member, limit, budget = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local candidates = ARGV[6]

local function walk(key)
  local rank = redis.call('ZCOUNT', key, '(' .. score, '+inf')
  local low, high = rank, rank + redis.call('ZCOUNT', key, score, score)
  while low < high and member ~= '' do
    local middle = math.floor((low + high) / 2)
    if redis.call('ZREVRANGE', key, middle, middle)[1] < member then
      high = middle
    else
      low = middle + 1
    end
  end
  return { key = key, rank = low, rows = {}, at = 1 }
end
local function head(one)
  if one.at > #one.rows then
    one.rows = redis.call('ZREVRANGE', one.key, one.rank, one.rank + 99, 'WITHSCORES')
    one.rank, one.at = one.rank + 100, 1
  end
  return one.rows[one.at], one.rows[one.at + 1]
end

local now, was = walk(KEYS[1]), walk(KEYS[2])
local found, seen, hex = {}, 0, string.rep('%02x', 16)
while seen < budget and #found < limit * 4 do
  local one, one_score = head(now)
  local other, other_score = head(was)
  if not one and not other then
    return { '', '', unpack(found) }
  end
  local first = now
  if not one or (other and (tonumber(other_score) > tonumber(one_score)
    or (tonumber(other_score) == tonumber(one_score) and other > one))) then
    first, one, one_score = was, other, other_score
  end
  first.at = first.at + 2
  seen, score, member = seen + 1, one_score, one
  local slot = tonumber(string.match(one, '^%d+'))
  local byte = candidates:byte(math.floor(slot / 8) + 1)
  if byte and bit.band(byte, bit.lshift(1, 7 - slot % 8)) ~= 0 then
    local id = redis.call('GETRANGE', KEYS[3], slot * 16, slot * 16 + 15)
    local name = hex:format(id:byte(1, 16))
    local state = redis.call('GET', base .. 'e:' .. name)
    if state then
      found[#found + 1] = one_score
      found[#found + 1] = one
      found[#found + 1] = state
      found[#found + 1] = redis.call('LRANGE', base .. 'h:' .. name, 0, -1)
    end
  end
end
return { score, member, unpack(found) }
