package io.cairn.oci;

import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.cairn.proto.cri.SecurityProfile;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * Seccomp and AppArmor of one container. Asked for and not to be had is a refusal, never a container with less confinement
 * than its pod says. The deprecated texts (unconfined, runtime/default, localhost/…) count where the new field is absent.
 */
final class SecurityPlan {
    private static final String LOCALHOST = "localhost/";

    private final SpecRequest request;
    private final LinuxContainerSecurityContext context;
    private final HostFacts host;

    SecurityPlan(SpecRequest request) {
        this.request = request;
        this.context = request.config().getLinux().getSecurityContext();
        this.host = request.host();
    }

    /** @param bounding the capabilities that the container may have */
    Option<OciSpec.Seccomp> seccomp(List<String> bounding) throws Refused {
        SecurityProfile profile = seccompProfile(context);
        if (context.getPrivileged()) {
            // The CRI: a privileged container has no filter, whatever its profile says.
            return Option.none();
        }
        return switch (profile.getProfileType()) {
            case Unconfined -> Option.none();
            case RuntimeDefault -> {
                seccompIsThere();
                yield Option.some(SeccompDefault.profile(host.architecture(), bounding));
            }
            case Localhost -> {
                seccompIsThere();
                yield Option.some(localhostSeccomp(profile.getLocalhostRef(), bounding));
            }
            case UNRECOGNIZED -> throw unknownType("seccomp", profile);
        };
    }

    static Either<SpecProblem, Option<Path>> seccompFile(LinuxContainerSecurityContext context) {
        return Refused.catching(() -> {
            SecurityProfile profile = seccompProfile(context);
            boolean needed = profile.getProfileType() == SecurityProfile.ProfileType.Localhost && !context.getPrivileged();
            if (!needed) {
                return Option.none();
            }
            return Option.some(HostPaths.path(profile.getLocalhostRef(), "localhost_ref of seccomp"));
        });
    }

    private static SecurityProfile seccompProfile(LinuxContainerSecurityContext context) throws Refused {
        return context.hasSeccomp() ? context.getSeccomp() : profile(context.getSeccompProfilePath(), "seccomp_profile_path");
    }

    private void seccompIsThere() throws Refused {
        if (!host.security().seccomp()) {
            throw Refused.host("Expected a kernel with seccomp filters (CONFIG_SECCOMP_FILTER), but this one has none");
        }
    }

    private OciSpec.Seccomp localhostSeccomp(String reference, List<String> bounding) throws Refused {
        if (request.seccompProfile().isEmpty()) {
            throw Refused.host("Expected the file of seccomp profile \"%.200s\" on this node, but it could not be read", reference);
        }
        return new SeccompFile(reference, host, bounding).read(request.seccompProfile().get().toByteArray());
    }

    Option<String> apparmor() throws Refused {
        SecurityProfile profile = context.hasApparmor() ? context.getApparmor() : deprecatedApparmor();
        return switch (profile.getProfileType()) {
            case Unconfined -> Option.none();
            case RuntimeDefault -> context.getPrivileged() ? Option.none() : runtimeDefault();
            case Localhost -> Option.some(localhostApparmor(profile.getLocalhostRef()));
            case UNRECOGNIZED -> throw unknownType("apparmor", profile);
        };
    }

    /** Where the kernel has AppArmor and the profile could not be loaded, who asks for it is told; who does not ask runs without. */
    private Option<String> runtimeDefault() throws Refused {
        Option<String> profile = defaultApparmor(host);
        boolean asked = context.hasApparmor() || !context.getApparmorProfile().isEmpty();
        if (host.security().apparmor() && profile.isEmpty() && asked) {
            throw Refused.host("Expected AppArmor profile \"%s\" to be loaded, but it is not: install the package apparmor, whose program "
                    + "apparmor_parser loads it when the daemon starts", ApparmorDefault.NAME);
        }
        return profile;
    }

    static Option<String> defaultApparmor(HostFacts host) {
        HostFacts.Security security = host.security();
        return Option.when(security.apparmor() && security.apparmorProfiles().contains(ApparmorDefault.NAME), ApparmorDefault.NAME);
    }

    /** Here absent means the runtime's default, unlike seccomp's: that is how the kubelet has always been answered. */
    private SecurityProfile deprecatedApparmor() throws Refused {
        String text = context.getApparmorProfile();
        return text.isEmpty() ? SecurityProfile.getDefaultInstance() : profile(text, "apparmor_profile");
    }

    private String localhostApparmor(String reference) throws Refused {
        String name = reference.startsWith(LOCALHOST) ? reference.substring(LOCALHOST.length()) : reference;
        if (!host.security().apparmor()) {
            throw Refused.host(
                    "Expected AppArmor for profile \"%.200s\", but it is not enabled on this node (/sys/module/apparmor)",
                    name);
        }
        if (!host.security().apparmorProfiles().contains(name)) {
            throw Refused.host("Expected AppArmor profile \"%.200s\" to be loaded, but it is not: load it with apparmor_parser", name);
        }
        return name;
    }

    private static SecurityProfile profile(String text, String field) throws Refused {
        var profile = SecurityProfile.newBuilder();
        return switch (text) {
            case "", "unconfined" -> profile.setProfileType(SecurityProfile.ProfileType.Unconfined).build();
            case "runtime/default", "docker/default" -> profile.setProfileType(SecurityProfile.ProfileType.RuntimeDefault).build();
            default -> {
                if (!text.startsWith(LOCALHOST)) {
                    throw Refused.request(
                            "Expected %s to be unconfined, runtime/default or localhost/…, but it is \"%.200s\"", field, text);
                }
                yield profile.setProfileType(SecurityProfile.ProfileType.Localhost)
                        .setLocalhostRef(text.substring(LOCALHOST.length()))
                        .build();
            }
        };
    }

    private static Refused unknownType(String field, SecurityProfile profile) {
        return Refused.request("Expected profile_type of %s to be RuntimeDefault, Unconfined or Localhost, but it is %d", field,
                profile.getProfileTypeValue());
    }
}
