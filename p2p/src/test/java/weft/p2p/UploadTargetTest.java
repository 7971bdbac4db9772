package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The bytes of a day.
class UploadTargetTest {
    private static final long NOW = 1_700_000_000;
    private static final int DAY = 86_400;
    private static final int MEGABYTE = 1 << 20;

    @Test
    void shouldKeepRoomForBlocksToCome() {
        var target = new UploadTarget(800L * MEGABYTE);
        assertThat(target.servesHistory(NOW)).isTrue();
        long free = 800L * MEGABYTE - 144 * 4_000_000L;
        target.add(free - 1, NOW);
        assertThat(target.servesHistory(NOW)).isTrue();
        target.add(1, NOW);
        assertThat(target.servesHistory(NOW)).isFalse();
        assertThat(target.isReached()).isFalse();
        // Later fewer blocks are to come.
        assertThat(target.servesHistory(NOW + DAY / 2)).isTrue();

        target.add(800L * MEGABYTE - free, NOW);
        assertThat(target.isReached()).isTrue();
        assertThat(target.state(NOW + 100).secondsLeft()).isEqualTo(DAY - 100);
        assertThat(target.state(NOW).bytesLeft()).isZero();
        // The next day begins with the next byte.
        target.add(5, NOW + DAY + 1);
        assertThat(target.isReached()).isFalse();
        assertThat(target.servesHistory(NOW + DAY + 1)).isTrue();
    }

    @Test
    void shouldServeNoHistoryWhereTheTargetIsSmall() {
        assertThat(new UploadTarget(MEGABYTE).servesHistory(NOW)).isFalse();
        var none = new UploadTarget(0);
        none.add(Integer.MAX_VALUE, NOW);
        assertThat(none.isReached()).isFalse();
        assertThat(none.servesHistory(NOW)).isTrue();
        assertThat(none.state(NOW)).isEqualTo(new UploadState(DAY, 0, false, true, 0, 0));
    }
}
