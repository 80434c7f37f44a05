-- Read one page of events, newest first: members that lie in every dimension, each dimension being the union of its
-- terms. Walks the smallest dimension and looks each member up in the others, so the cost follows the rarest filter.
-- One script, so that a page, its cursor and its position in the changes stream belong to one instant.
--
-- KEYS: the changes stream.
-- ARGV: prefix of index keys, prefix of event keys, field of the event hash, limit, upper bound, lower bound,
--       members to look at most, number of dimensions, then for each dimension: number of terms, terms.
-- Returns: last id of the stream, member where the next page starts ("" at the end), the documents joined by
-- commas (one string, because clients spend most of their time on reading replies piece by piece).
local indexes, events, field, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local upper, lower, budget = ARGV[5], ARGV[6], tonumber(ARGV[7])
local CHUNK = 100
local AFTER_PREFIX = 16 -- a member is 14 hex digits, ":" and the event id

local dimensions, at = {}, 9
for number = 1, tonumber(ARGV[8]) do
  local dimension, size = {}, 0
  for term = 1, tonumber(ARGV[at]) do
    dimension[term] = indexes .. ARGV[at + term]
    size = size + redis.call('ZCARD', dimension[term])
  end
  at = at + 1 + #dimension
  dimensions[number] = { keys = dimension, size = size }
end
table.sort(dimensions, function(one, other) return one.size < other.size end)

local function lies_in(dimension, member)
  for _, key in ipairs(dimension.keys) do
    if redis.call('ZSCORE', key, member) then
      return true
    end
  end
  return false
end

-- One walk a term of the smallest dimension; the largest head of all is the next member.
local walks = {}
for number, key in ipairs(dimensions[1].keys) do
  walks[number] = { key = key, from = upper, members = {}, at = 1 }
end
local function head(walk)
  if walk.at > #walk.members and walk.from then
    walk.members = redis.call('ZREVRANGEBYLEX', walk.key, walk.from, lower, 'LIMIT', 0, CHUNK)
    walk.at = 1
    walk.from = #walk.members == CHUNK and '(' .. walk.members[CHUNK] or nil
  end
  return walk.members[walk.at]
end
local function next_member()
  local largest
  for _, walk in ipairs(walks) do
    local member = head(walk)
    if member and (not largest or member > largest) then
      largest = member
    end
  end
  for _, walk in ipairs(walks) do
    if head(walk) == largest then
      walk.at = walk.at + 1
    end
  end
  return largest
end

local documents, last, seen, following = {}, '', 0, ''
while true do
  local member = next_member()
  if not member then
    break
  end
  seen = seen + 1
  local found = true
  for number = 2, #dimensions do
    if not lies_in(dimensions[number], member) then
      found = false
      break
    end
  end
  if found then
    if #documents == limit then
      following = last
      break
    end
    local document = redis.call('HGET', events .. string.sub(member, AFTER_PREFIX), field)
    if document then
      documents[#documents + 1] = document
    end
  end
  last = member
  if seen >= budget then
    following = last
    break
  end
end

local position = '0-0'
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if not info.err then
  for number = 1, #info, 2 do
    if info[number] == 'last-generated-id' then
      position = info[number + 1]
    end
  end
end
return { position, following, table.concat(documents, ',') }
