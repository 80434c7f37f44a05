-- Write one state of an event, if the state that stands there is the one it was computed against. One script, so that
-- no reader ever sees an event without its indexes, and no repeated message appends its changes twice.
--
-- KEYS: state, history, stream of changes, next slot, free slots, ids, touched slots.
-- ARGV: what the other keys start with; revision that must stand there (0: none); the state; id in 16 bytes; now in
--       seconds; the state that stood there, packed, and its time, both empty where there was none; earlier states and
--       changes to keep; then five lists, each one argument with an entry a line: terms to add, terms to take away,
--       orders to leave, "order score" to set, articles; and last the changes.
-- Returns -1 where it wrote, else the revision that stands there.
local base, expected, now = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[5])
local head = redis.call('GETRANGE', KEYS[1], 0, 7)
local slot, held = nil, 0
if #head == 8 then
  slot, held = struct.unpack('>I4I4', head)
end
if held ~= expected then
  return held
end

if not slot then
  local free = redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', now - @REUSED_AFTER_S@, 'LIMIT', 0, 1)[1]
  if free then
    redis.call('ZREM', KEYS[5], free)
    slot = tonumber(free)
  else
    slot = redis.call('INCR', KEYS[4]) - 1
  end
  redis.call('SETRANGE', KEYS[6], slot * 16, ARGV[4])
end

local function put(key)
  if redis.call('TYPE', key).ok == 'string' then
    redis.call('SETBIT', key, slot, 1)
  elseif redis.call('SADD', key, slot) == 1 and redis.call('SCARD', key) > @SET_MOST@ then
    local slots = redis.call('SMEMBERS', key)
    redis.call('DEL', key)
    for _, each in ipairs(slots) do
      redis.call('SETBIT', key, each, 1)
    end
  end
end
local function take(key)
  if redis.call('TYPE', key).ok == 'string' then
    redis.call('SETBIT', key, slot, 0)
  else
    redis.call('SREM', key, slot)
  end
end

for term in string.gmatch(ARGV[10], '[^\n]+') do
  put(base .. 't:' .. term)
end
for term in string.gmatch(ARGV[11], '[^\n]+') do
  take(base .. 't:' .. term)
  put(base .. 'w:' .. term)
end
for order in string.gmatch(ARGV[12], '[^\n]+') do
  redis.call('ZREM', base .. 'o:' .. order, slot)
end
for order, score in string.gmatch(ARGV[13], '(%S+) (%S+)') do
  redis.call('ZADD', base .. 'o:' .. order, score, slot)
end
local place = struct.pack('>I4', slot)
for article in string.gmatch(ARGV[14], '[^\n]+') do
  local key, field = base .. 'a:' .. string.sub(article, 1, 3), article:gsub('..', function(hex)
    return string.char(tonumber(hex, 16))
  end)
  local slots = redis.call('HGET', key, field) or ''
  local there = false
  for at = 1, #slots, 4 do
    there = there or string.sub(slots, at, at + 3) == place
  end
  if not there then
    redis.call('HSET', key, field, slots .. place)
  end
end

local dropped
if expected > 0 then
  local kept = redis.call('RPUSH', KEYS[2], ARGV[6])
  redis.call('ZADD', base .. 'o:was', ARGV[7], slot .. ':' .. expected)
  while kept > tonumber(ARGV[8]) do
    dropped = redis.call('LPOP', KEYS[2])
    redis.call('ZREM', base .. 'o:was', slot .. ':' .. struct.unpack('>I4', dropped))
    kept = kept - 1
  end
end
-- From when on the event's history has no hole: states that never came, or of which there were too many.
local revision, changed = struct.unpack('>I4I8', ARGV[3])
local whole_from = 0
if revision > expected + 1 then
  whole_from = changed
elseif dropped then
  local _, oldest = struct.unpack('>I4I8', redis.call('LINDEX', KEYS[2], 0) or ARGV[3])
  whole_from = oldest
end
if whole_from > tonumber(redis.call('ZSCORE', base .. 'holes', slot) or 0) then
  redis.call('ZADD', base .. 'holes', string.format('%.0f', whole_from), slot)
end
redis.call('SET', KEYS[1], place .. ARGV[3])
redis.call('XADD', KEYS[7], 'MAXLEN', '~', @TOUCHED_KEPT@, '*', 's', slot)
for number = 15, #ARGV do
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[9], '*', 'change', ARGV[number])
end
return -1
