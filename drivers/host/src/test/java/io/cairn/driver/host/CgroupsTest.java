package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CgroupsTest {
    @Test
    void aPathIsBelowEveryHierarchy() throws Exception {
        assertThat(Cgroups.at("/kubepods/pod1/c0ffee", "c0ffee").dirs()).isNotEmpty()
                .allMatch(d -> d.startsWith("/sys/fs/cgroup") && d.endsWith("kubepods/pod1/c0ffee"));
    }

    @Test
    void systemdNestsASliceInThoseItsNameBeginsWith() throws Exception {
        assertThat(Cgroups.at("kubepods-besteffort-pod1.slice:cairn:c0ffee", "c0ffee").dirs()).isNotEmpty().allMatch(d ->
                d.endsWith("kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/cairn-c0ffee.scope"));
        assertThat(Cgroups.at("system.slice:cairn:c0ffee", "c0ffee").dirs()).allMatch(d -> d.endsWith("system.slice/cairn-c0ffee.scope"));
    }

    @Test
    void aPathThatIsNotTheContainersOwnNamesNoCgroup() throws Exception {
        for (String path : new String[] {"/", "/kubepods", "/kubepods/c0ffee/..", "/../../etc/c0ffee/../x", "/kubepods/other"}) {
            assertThat(Cgroups.at(path, "c0ffee").dirs()).as(path).isEmpty();
        }
        assertThat(Cgroups.at("/../../etc/c0ffee", "c0ffee").dirs()).allMatch(d -> d.startsWith("/sys/fs/cgroup"));
    }

    @Test
    void whatIsNotThereHoldsNothingAndIsRemovedAlready() throws Exception {
        Cgroups none = Cgroups.at("/cairn-none/c0ffee", "c0ffee");
        assertThat(none.processes()).isEmpty();
        assertThat(none.killAll(0)).isTrue();
        assertThat(none.oomKilled()).isFalse();
        assertThat(none.holds(ProcessHandle.current().pid())).isFalse();
        none.remove();
    }
}
