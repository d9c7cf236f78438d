-- Write a batch's states and its watermark together, or say why not.
-- KEYS: meta, accounts. ARGV: epoch, watermark last seen, new watermark, clock sequence,
--       msgpack [[account, state], ...]
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 'another worker owns it' end
if (redis.call('HGET', KEYS[1], 'offset') or '') ~= ARGV[2] then return 'the watermark moved' end
for _, pair in ipairs(cmsgpack.unpack(ARGV[5])) do redis.call('HSET', KEYS[2], pair[1], pair[2]) end
redis.call('HSET', KEYS[1], 'offset', ARGV[3], 'clock', ARGV[4])
return 'OK'
