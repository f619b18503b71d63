package io.cairn.oci;

import io.cairn.oci.UserDatabase.User;
import io.cairn.proto.cri.Int64Value;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.cairn.proto.cri.SupplementalGroupsPolicy;
import io.vavr.collection.List;
import io.vavr.control.Option;

/**
 * Whom the process runs as. The CRI's run_as_user or run_as_username wins over the image's user; run_as_group alone is an
 * error (CRI, LinuxContainerSecurityContext). The policy Merge adds the groups that the image's /etc/group gives the user,
 * Strict does not (Kubernetes, "supplementalGroupsPolicy").
 */
final class UserResolver {
    private final UserDatabase database;

    UserResolver(UserDatabase database) {
        this.database = database;
    }

    /** A user as far as it is known: the name only when /etc/passwd has one, for its groups. */
    private record Found(long uid, long gid, Option<User> entry) {}

    ProcessUser resolve(LinuxContainerSecurityContext context, ImageConfig image) throws Refused {
        Found found = find(context, image);
        List<Long> groups = List.of(found.gid());
        if (context.getSupplementalGroupsPolicy() == SupplementalGroupsPolicy.UNRECOGNIZED) {
            throw Refused.request("Expected supplemental_groups_policy to be Merge or Strict, but it is %d",
                    context.getSupplementalGroupsPolicyValue());
        }
        if (context.getSupplementalGroupsPolicy() == SupplementalGroupsPolicy.Merge) {
            groups = groups.appendAll(found.entry().map(u -> database.groupsOf(u.name())).getOrElse(List.empty()));
        }
        for (long gid : context.getSupplementalGroupsList()) {
            groups = groups.append(checked(gid, "supplemental_groups"));
        }
        return new ProcessUser(found.uid(), found.gid(), groups.distinct());
    }

    private Found find(LinuxContainerSecurityContext context, ImageConfig image) throws Refused {
        Option<Long> group = id(context.hasRunAsGroup(), context.getRunAsGroup(), "run_as_group");
        Found user;
        if (!context.getRunAsUsername().isEmpty()) {
            user = named(context.getRunAsUsername(), "run_as_username");
        } else if (context.hasRunAsUser()) {
            user = numbered(checked(context.getRunAsUser().getValue(), "run_as_user"));
        } else if (group.isDefined()) {
            throw Refused.request(
                    "Expected run_as_user or run_as_username beside run_as_group %d, but there is neither: the CRI wants both or none",
                    group.get());
        } else {
            return image.user().isDefined() ? ofImage(image.user().get()) : numbered(0);
        }
        return group.isDefined() ? new Found(user.uid(), group.get(), user.entry()) : user;
    }

    private Found ofImage(String text) throws Refused {
        int colon = text.indexOf(':');
        String userPart = colon < 0 ? text : text.substring(0, colon);
        Found user = userPart.isEmpty() ? numbered(0) : numberOrName(userPart, text);
        if (colon < 0) {
            return user;
        }
        String groupPart = text.substring(colon + 1);
        Option<Long> gid = UserDatabase.id(groupPart).orElse(() -> database.groupNamed(groupPart).map(UserDatabase.Group::gid));
        if (gid.isEmpty()) {
            throw Refused.image(
                    "Expected the group of the image's user \"%.200s\" to be a number or in its /etc/group, but has no group \"%.200s\"",
                    text, groupPart);
        }
        return new Found(user.uid(), gid.get(), user.entry());
    }

    private Found numberOrName(String user, String text) throws Refused {
        Option<Long> uid = UserDatabase.id(user);
        return uid.isDefined() ? numbered(uid.get()) : named(user, "the image's user \"%.200s\"".formatted(text));
    }

    /** A number need not be in /etc/passwd; then its group is 0, as with every other runtime. */
    private Found numbered(long uid) {
        Option<User> entry = database.userWithId(uid);
        return new Found(uid, entry.map(User::gid).getOrElse(0L), entry);
    }

    private Found named(String name, String origin) throws Refused {
        Option<User> entry = database.userNamed(name);
        if (entry.isEmpty()) {
            throw Refused.image("Expected %s to be a user of the image, but its /etc/passwd has no user \"%.200s\"", origin, name);
        }
        return new Found(entry.get().uid(), entry.get().gid(), entry);
    }

    private static Option<Long> id(boolean present, Int64Value value, String field) throws Refused {
        return present ? Option.some(checked(value.getValue(), field)) : Option.none();
    }

    private static long checked(long id, String field) throws Refused {
        if (id < 0 || id > UserDatabase.MAX_ID) {
            throw Refused.request("Expected %s to be from 0 to %d, but it is %d", field, UserDatabase.MAX_ID, id);
        }
        return id;
    }
}
