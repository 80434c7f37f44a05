-- Look up a key and count a request with it, in one step: a revoked key is refused at once, by every replica.
--
-- KEYS: the hash of all keys, the counter of this one.
-- ARGV: id of the key, digest of its secret, requests a minute where the key says nothing, milliseconds of a window.
-- Returns nothing for a wrong key; else what is stored of it, the limit, the requests in this window, and the
-- milliseconds until the next one.
local raw = redis.call('HGET', KEYS[1], ARGV[1])
if not raw then
  return {}
end
local record = cjson.decode(raw)
if record.digest ~= ARGV[2] then
  return {}
end
local limit = tonumber(record.per_minute)
if limit == 0 then
  limit = tonumber(ARGV[3])
end
local count = redis.call('INCR', KEYS[2])
if count == 1 then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
return { raw, limit, count, redis.call('PTTL', KEYS[2]) }
