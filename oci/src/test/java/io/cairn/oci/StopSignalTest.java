package io.cairn.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Signal;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import org.junit.jupiter.api.Test;

class StopSignalTest {
    private static int signal(Signal asked, String image) {
        var config = new ImageConfig(
                List.empty(), List.empty(), List.empty(), Option.none(), Option.none(), Option.of(image), LinkedHashMap.empty());
        return StopSignal.of(ContainerConfig.newBuilder().setStopSignal(asked).build(), config).number();
    }

    @Test
    void theCriComesFirstThenTheImageThenTerm() {
        assertThat(signal(Signal.SIGQUIT, "SIGINT")).isEqualTo(3);
        assertThat(signal(Signal.RUNTIME_DEFAULT, "SIGINT")).isEqualTo(2);
        assertThat(signal(Signal.RUNTIME_DEFAULT, "")).isEqualTo(15);
        assertThat(signal(Signal.RUNTIME_DEFAULT, "SIGNONSENSE")).isEqualTo(15);
    }

    @Test
    void imagesWriteSignalsInManyWays() {
        assertThat(number("SIGQUIT")).contains(3);
        assertThat(number("quit")).contains(3);
        assertThat(number(" 3 ")).contains(3);
        assertThat(number("SIGRTMIN+3")).contains(37);
        assertThat(number("RTMIN")).contains(34);
        assertThat(number("RTMAX-2")).contains(62);
        assertThat(number("SIGRTMAX")).contains(64);
        assertThat(number("64")).contains(64);
        for (String text : List.of("", "0", "32", "33", "65", "-1", "3.0", "SIG", "SIGSIGQUIT", "RTMIN-1", "RTMIN+31", "RTMAX+1")) {
            assertThat(number(text)).as(text).isEmpty();
        }
    }

    private static Option<Integer> number(String text) {
        return StopSignal.parse(text).map(StopSignal::number);
    }

    @Test
    void everySignalOfTheCriHasANumberAndComesBack() {
        for (Signal signal : Signal.values()) {
            if (signal == Signal.UNRECOGNIZED || signal == Signal.RUNTIME_DEFAULT) {
                assertThat(StopSignal.ofCri(signal)).isEmpty();
                continue;
            }
            StopSignal ours = StopSignal.ofCri(signal).getOrElseThrow(() -> new AssertionError(signal));
            Signal same = switch (signal) {
                case SIGCLD -> Signal.SIGCHLD;
                case SIGIOT -> Signal.SIGABRT;
                case SIGPOLL -> Signal.SIGIO;
                default -> signal;
            };
            assertThat(ours.toCri()).isEqualTo(same);
        }
        assertThat(StopSignal.ofCri(Signal.SIGRTMAXMINUS14).get().number()).isEqualTo(50);
        assertThat(StopSignal.ofCri(Signal.SIGRTMINPLUS15).get().number()).isEqualTo(49);
    }

    @Test
    void whatIsNoSignalCannotBeMade() {
        assertThatThrownBy(() -> new StopSignal(33)).hasMessageContaining("33");
    }

    @Test
    void anImageSignalThatCannotBeReadIsToldAndTermIsUsed() {
        var image = new ImageConfig(
                List.empty(), List.of("x"), List.empty(), Option.none(), Option.none(), Option.some("SIGX"), LinkedHashMap.empty());
        var result = Fixtures.built(Fixtures.withImage(Fixtures.request(Fixtures.container()), image));
        assertThat(result.stopSignal()).isEqualTo(StopSignal.TERM);
        assertThat(result.clamps().map(Clamp::asked)).containsExactly("SIGX");
    }
}
