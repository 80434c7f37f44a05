-- Write one event state, if it is newer than the one that stands there. One script, so that no reader ever sees an
-- event without its indexes, and no repeated message appends its changes twice.
--
-- KEYS: event hash, changes stream, history list.
-- ARGV: prefix of the index keys, revision, json, summary, member, terms (one a line), length of the stream,
--       length of the history, number of changes, then for each change: for the stream, for the history.
-- Returns 1 where it wrote, 0 where the revision was not newer.
local held = redis.call('HMGET', KEYS[1], 'revision', 'member', 'terms')
if held[1] and tonumber(held[1]) >= tonumber(ARGV[2]) then
  return 0
end

local indexes, member = ARGV[1], ARGV[5]
local wanted = {}
for term in string.gmatch(ARGV[6], '[^\n]+') do
  wanted[term] = true
end
if held[1] then
  for term in string.gmatch(held[3], '[^\n]+') do
    if held[2] == member and wanted[term] then
      wanted[term] = nil -- stands there already
    else
      redis.call('ZREM', indexes .. term, held[2])
    end
  end
end
for term in pairs(wanted) do
  redis.call('ZADD', indexes .. term, 0, member)
end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'json', ARGV[3], 'summary', ARGV[4], 'member', member, 'terms', ARGV[6])

local changes = tonumber(ARGV[9])
for number = 1, changes do
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[7], '*', 'change', ARGV[8 + 2 * number])
  redis.call('RPUSH', KEYS[3], ARGV[9 + 2 * number])
end
if changes > 0 then
  redis.call('LTRIM', KEYS[3], -tonumber(ARGV[8]), -1)
end
return 1
