package io.cairn.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.Int64Value;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.cairn.proto.cri.SupplementalGroupsPolicy;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UserResolverTest {
    private static ImageConfig imageUser(String user) {
        return new ImageConfig(
                List.empty(), List.of("x"), List.empty(), Option.none(), Option.of(user), Option.none(), LinkedHashMap.empty());
    }

    private static Either<SpecProblem, ProcessUser> resolve(LinuxContainerSecurityContext.Builder context, String imageUser) {
        return Refused.catching(() -> new UserResolver(Fixtures.users()).resolve(context.build(), imageUser(imageUser)));
    }

    private static ProcessUser user(long uid, long gid, Long... groups) {
        return new ProcessUser(uid, gid, List.of(groups));
    }

    private static LinuxContainerSecurityContext.Builder context() {
        return LinuxContainerSecurityContext.newBuilder();
    }

    private static Int64Value id(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }

    @Test
    void theImagesUserMayBeANameANumberOrEitherWithAGroup() {
        assertThat(resolve(context(), "").get()).isEqualTo(user(0, 0, 0L, 10L));
        assertThat(resolve(context(), "app").get()).isEqualTo(user(1000, 1000, 1000L, 10L, 2000L));
        assertThat(resolve(context(), "1000").get()).isEqualTo(user(1000, 1000, 1000L, 10L, 2000L));
        assertThat(resolve(context(), "web:media").get()).isEqualTo(user(101, 2000, 2000L));
        assertThat(resolve(context(), "web:7").get()).isEqualTo(user(101, 7, 7L, 2000L));
        assertThat(resolve(context(), "4711").get()).as("not in passwd").isEqualTo(user(4711, 0, 0L));
        assertThat(resolve(context(), "4711:4712").get()).isEqualTo(user(4711, 4712, 4712L));
        assertThat(resolve(context(), ":7").get()).isEqualTo(user(0, 7, 7L, 0L, 10L));
    }

    @Test
    void aUserOrGroupThatTheImageDoesNotHaveIsToldWithWhereItWasLookedFor() {
        assertThat(resolve(context(), "ghost").getLeft())
                .isInstanceOf(SpecProblem.InvalidImage.class)
                .extracting(SpecProblem::message).asString().contains("ghost").contains("/etc/passwd");
        assertThat(resolve(context(), "app:ghosts").getLeft().message()).contains("ghosts").contains("/etc/group");
        assertThat(resolve(context().setRunAsUsername("ghost"), "app").getLeft().message()).contains("run_as_username");
        assertThat(resolve(context(), "99999999999").getLeft().message()).as("too large for an id").contains("99999999999");
        assertThat(resolve(context(), "-1").getLeft().message()).contains("-1");
    }

    @Test
    void theCriWinsOverTheImage() {
        assertThat(resolve(context().setRunAsUser(id(101)), "app").get()).isEqualTo(user(101, 102, 102L, 2000L));
        assertThat(resolve(context().setRunAsUser(id(101)).setRunAsGroup(id(5)), "app").get()).isEqualTo(user(101, 5, 5L, 2000L));
        assertThat(resolve(context().setRunAsUsername("web"), "app").get()).isEqualTo(user(101, 102, 102L, 2000L));
        assertThat(resolve(context().setRunAsUser(id(0)), "app").get()).as("0 is a user, not an absence").isEqualTo(user(0, 0, 0L, 10L));
    }

    @Test
    void aGroupWithoutAUserIsAnError() {
        assertThat(resolve(context().setRunAsGroup(id(5)), "app").getLeft())
                .isInstanceOf(SpecProblem.InvalidRequest.class)
                .extracting(SpecProblem::message).asString().contains("run_as_group").contains("run_as_user");
    }

    @Test
    void strictLeavesOutWhatTheImageSaysAboutGroups() {
        var context = context().setRunAsUser(id(1000)).addSupplementalGroups(1234).addSupplementalGroups(10);
        assertThat(resolve(context, "").get()).isEqualTo(user(1000, 1000, 1000L, 10L, 2000L, 1234L));
        context.setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict);
        assertThat(resolve(context, "").get()).isEqualTo(user(1000, 1000, 1000L, 1234L, 10L));
    }

    @Test
    void idsBeyondTheUsableOnesAreRefused() {
        assertThat(resolve(context().setRunAsUser(id(-1)), "").getLeft().message()).contains("run_as_user").contains("-1");
        assertThat(resolve(context().setRunAsUser(id(1L << 31)), "").isLeft()).isTrue();
        assertThat(resolve(context().setRunAsUser(id((1L << 31) - 1)), "").isRight()).isTrue();
        assertThat(resolve(context().addSupplementalGroups(1L << 32), "").getLeft().message()).contains("supplemental_groups");
    }

    @Test
    void linesThatDoNotParseNameNobody() {
        String passwd = "a\nb:x\n::0:0\nc:x:+1:1\nd:x:1:1x\ne:x: 2:2\n\nok:x:3:4\nok:x:5:6\n";
        String group = "g\ng:x:\ng:x:-1:ok\nreal:x:8: ok ,other\nnul:x:9:ok\0\n";
        var database = UserDatabase.parse(bytes(passwd), bytes(group)).get();
        for (String name : List.of("a", "b", "", "c", "d", "e")) {
            assertThat(database.userNamed(name)).as(name).isEmpty();
        }
        assertThat(database.userNamed("ok").get()).as("the first counts").isEqualTo(new UserDatabase.User("ok", 3, 4));
        assertThat(database.groupsOf("ok")).containsExactly(8L);
    }

    @Test
    void aFileTooLargeIsRefusedWhole() {
        var problem = UserDatabase.parse(new byte[UserDatabase.MAX_FILE_BYTES + 1], new byte[0]).getLeft();
        assertThat(problem.message()).contains("/etc/passwd").contains(Integer.toString(UserDatabase.MAX_FILE_BYTES));
    }

    @Test
    void anyBytesAreReadWithoutAnException() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String alphabet = "root:x:0:,\n\0 -+9é";
        for (int round = 0; round < 2000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(200); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            byte[] bytes = random.nextInt(4) == 0 ? randomBytes(random) : bytes(text.toString());
            var database = UserDatabase.parse(bytes, bytes).get();
            assertThat(database.groupsOf("root")).as("seed %d round %d", seed, round)
                    .allMatch(gid -> gid >= 0 && gid <= UserDatabase.MAX_ID);
        }
    }

    private static byte[] randomBytes(Random random) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
