-- Grant attempts within their sliding windows, one after the other, all or nothing of each.
-- KEYS: the generation, then every subject. ARGV: now (ms), how long a subject is kept (ms),
--       msgpack [[attempt, [[index in KEYS, span ms, most], ...]], ...]
-- Returns for each 0 (granted, and counted) or the moment (ms) when it may be asked again; false
-- when there is no generation: Valkey has forgotten, and the ledger must be counted first.
-- What lies after now was made before the clock was set back, and does not count.
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local now, kept = tonumber(ARGV[1]), tonumber(ARGV[2])
local answers = {}
for n, asked in ipairs(cmsgpack.unpack(ARGV[3])) do
  local later = 0
  for _, window in ipairs(asked[2]) do
    local key, after, most = KEYS[window[1]], '(' .. string.format('%.0f', now - window[2]), window[3]
    local found = redis.call('ZCOUNT', key, after, now)
    if found >= most then
      local first = redis.call('ZRANGEBYSCORE', key, after, now, 'WITHSCORES', 'LIMIT', found - most, 1)
      later = math.max(later, tonumber(first[2]) + window[2])
    end
  end
  if later == 0 then
    for _, window in ipairs(asked[2]) do
      redis.call('ZADD', KEYS[window[1]], now, asked[1])
      redis.call('ZREMRANGEBYSCORE', KEYS[window[1]], '-inf', string.format('%.0f', now - kept))
      redis.call('PEXPIRE', KEYS[window[1]], 2 * kept)
    end
  end
  answers[n] = later
end
return answers
