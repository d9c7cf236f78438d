import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** FD: the score of each entity's last five states under the Markov model. */
final class Fraud implements Drain.Fold {
  static final double THRESHOLD = 0.96;
  private final double[][] miss = new double[18][18];
  private int comma, second;

  Fraud(String model) throws Exception {
    JsonNode rows = Drain.JSON.readTree(new File(model)).get("transitions");
    for (int previous = 0; previous < 18; previous++)
      for (int current = 0; current < 18; current++)
        for (int other = 0; other < 18; other++)
          if (other != current) miss[previous][current] += rows.get(previous).get(other).asDouble();
  }

  @Override
  public byte[] key(byte[] value) {
    comma = 0;
    while (value[comma] != ',') comma++;
    second = comma + 1;
    while (value[second] != ',') second++;
    return Arrays.copyOf(value, comma);
  }

  @Override
  public byte[] step(byte[] state, byte[] value, byte[][] alert) {
    byte current = number(value, second + 1);
    int length = state == null ? 0 : state.length;
    if (length < 4) {
      byte[] longer = length == 0 ? new byte[1] : Arrays.copyOf(state, length + 1);
      longer[length] = current;
      return longer;
    }
    double score =
        (miss[state[0]][state[1]] + miss[state[1]][state[2]] + miss[state[2]][state[3]]
                + miss[state[3]][current])
            / 4;
    if (score > THRESHOLD) alert[0] = Arrays.copyOfRange(value, comma + 1, second);
    return new byte[] {state[1], state[2], state[3], current};
  }

  /** LNL is 0, LNN 1 … HHS 17: the order of the model's rows. */
  private static byte number(byte[] value, int at) {
    String state = new String(value, at, 3, StandardCharsets.US_ASCII);
    return (byte) ("LMH".indexOf(state.charAt(0)) * 6 + "NH".indexOf(state.charAt(1)) * 3
        + "LNS".indexOf(state.charAt(2)));
  }
}
