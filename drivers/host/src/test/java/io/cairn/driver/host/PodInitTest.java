package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.DriverException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodInitTest {
    @Test
    void theProgramRunsIgnoresItsChildrenAndSleeps(@TempDir Path dir) throws Exception {
        Path program = Files.write(dir.resolve("init"), PodInit.program(System.getProperty("os.arch")));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Process process = new ProcessBuilder(program.toString()).start();
        try {
            // Bit 16 is SIGCHLD's, 17 (proc_pid_status(5)).
            Await.until("SIGCHLD to be ignored", () -> (mask(process.pid(), "SigIgn") >>> 16 & 1) == 1);
            assertThat(mask(process.pid(), "SigCgt")).as("no handlers").isZero();
            Await.until("it to sleep", () -> Files.readString(Path.of("/proc/" + process.pid() + "/status")).contains("State:\tS"));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static long mask(long pid, String field) throws Exception {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream().filter(l -> l.startsWith(field + ":"))
                .mapToLong(l -> Long.parseUnsignedLong(l.substring(l.indexOf(':') + 1).strip(), 16)).findFirst().orElseThrow();
    }

    @Test
    void everyMachineGetsAWholeFile() throws Exception {
        for (String architecture : new String[] {"amd64", "aarch64"}) {
            byte[] program = PodInit.program(architecture);
            var header = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(header.getLong(24)).as("entry").isEqualTo(header.getLong(64 + 16) + 120);
            assertThat(header.getLong(64 + 32)).as("bytes in the file").isEqualTo(program.length);
            assertThat(header.getLong(program.length - 32)).as("SIG_IGN").isEqualTo(1);
        }
        assertThatThrownBy(() -> PodInit.program("riscv64")).isInstanceOf(DriverException.class).hasMessageContaining("riscv64");
    }
}
