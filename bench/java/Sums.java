import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** W1: count and sum of each account; an alert over the line says both. */
final class Sums implements Drain.Fold {
  static final long LINE = 9_990_000;

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Withdrawal(String acc, long amt, String id) {}

  private final ObjectReader reader = Drain.JSON.readerFor(Withdrawal.class);
  private Withdrawal event;

  @Override
  public byte[] key(byte[] value) throws Exception {
    event = reader.readValue(value);
    return event.acc.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public byte[] step(byte[] state, byte[] value, byte[][] alert) {
    ByteBuffer before = state == null ? null : ByteBuffer.wrap(state);
    long count = (before == null ? 0 : before.getLong(0)) + 1;
    long total = (before == null ? 0 : before.getLong(8)) + event.amt;
    if (event.amt > LINE) {
      alert[0] = (event.id + "|" + count + "|" + total).getBytes(StandardCharsets.US_ASCII);
    }
    return ByteBuffer.allocate(16).putLong(count).putLong(total).array();
  }
}
