package io.cairn.driver.host;

import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.images.PullFailure;
import io.cairn.images.StoreFailure;
import io.cairn.images.registry.RegistryFailure;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Either;
import java.util.Locale;

/** Between pulls of the CRI and those of the registry client: what they are given, and why they fail. */
public final class PullFailures {
    private PullFailures() {}

    public static <T> T orThrow(Either<? extends PullFailure, T> result) throws DriverException {
        return result.getOrElseThrow(PullFailures::exception);
    }

    /** What a registry is told, from what a pull was given. */
    public static io.cairn.images.registry.Credentials login(String reference, Credentials credentials) throws DriverException {
        return io.cairn.images.registry.Credentials.fromAuthConfig(credentials.username(), credentials.password(), credentials.auth(),
                credentials.serverAddress(), credentials.identityToken(), credentials.registryToken())
                .getOrElseThrow(why -> Failures.invalid("Cannot pull %s: %s", reference, why));
    }

    public static DriverException exception(PullFailure failure) {
        String intro = failure instanceof PullFailure.Unverified ? ImageBackend.NOT_VERIFIED + ": cannot pull" : "Cannot pull";
        return Failures.of(kind(failure), "%s %s", intro, failure.message());
    }

    private static Failure.Kind kind(PullFailure failure) {
        return switch (failure) {
            case PullFailure.FromRegistry(RegistryFailure registry) -> switch (registry.kind()) {
                case NOT_FOUND -> Failure.Kind.NOT_FOUND;
                case UNAUTHORIZED -> Failure.Kind.DENIED;
                case UNAVAILABLE, CANCELLED -> Failure.Kind.UNAVAILABLE;
                case UNSUPPORTED -> Failure.Kind.UNSUPPORTED;
                case INVALID_CONTENT, TOO_LARGE, CONFIGURATION, LOCAL -> Failure.Kind.FAILED;
            };
            case PullFailure.BadImage _, PullFailure.Unverified _ -> Failure.Kind.FAILED;
            case PullFailure.Local(String _, StoreFailure store) -> kind(store);
            case PullFailure.Cancelled _ -> Failure.Kind.UNAVAILABLE;
        };
    }

    public static Failure.Kind kind(StoreFailure failure) {
        return switch (failure.kind()) {
            case MISSING -> Failure.Kind.NOT_FOUND;
            case INVALID -> Failure.Kind.INVALID;
            case STORAGE -> failure.message().toLowerCase(Locale.ROOT).contains("no space left") ? Failure.Kind.EXHAUSTED
                    : Failure.Kind.FAILED;
            case DAMAGED, CONFLICT -> Failure.Kind.FAILED;
        };
    }
}
