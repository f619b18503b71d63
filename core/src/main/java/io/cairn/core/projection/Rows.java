package io.cairn.core.projection;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Exec;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.Pull;
import io.cairn.core.domain.Sandbox;
import io.cairn.proto.state.ContainerRow;
import io.cairn.proto.state.ExecRow;
import io.cairn.proto.state.ImageRow;
import io.cairn.proto.state.PendingRow;
import io.cairn.proto.state.PullRow;
import io.cairn.proto.state.SandboxRow;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/** Entities to rows and back. */
final class Rows {
    private Rows() {}

    static SandboxRow row(Sandbox s) {
        var row = SandboxRow.newBuilder().setId(s.id()).setConfig(s.config()).setRuntimeHandler(s.runtimeHandler()).setDriver(s.driver())
                .setPhase(s.phase().name()).setCreatedAtNanos(s.createdAtNanos()).setNetworkNamespace(s.networkNamespace().getOrElse(""))
                .addAllIps(s.ips()).setBootId(s.bootId()).setReleased(s.released());
        s.resources().forEach(row::setResources);
        s.pending().forEach(p -> row.setPending(row(p)));
        return row.build();
    }

    static Sandbox entity(SandboxRow r) {
        return new Sandbox(r.getId(), r.getConfig(), r.getRuntimeHandler(), r.getDriver(), Sandbox.Phase.valueOf(r.getPhase()),
                r.getCreatedAtNanos(), Option.of(r.getNetworkNamespace()).filter(path -> !path.isEmpty()), Vector.ofAll(r.getIpsList()),
                pending(r.hasPending(), r.getPending()), r.getReleased(), r.getBootId(),
                Option.when(r.hasResources(), r::getResources));
    }

    static ContainerRow row(Container c) {
        var row = ContainerRow.newBuilder().setId(c.id()).setSandboxId(c.sandboxId()).setConfig(c.config()).setImageId(c.imageId())
                .setStopSignal(c.stopSignal()).setPhase(c.phase().name()).setCreatedAtNanos(c.createdAtNanos())
                .setStartedAtNanos(c.startedAtNanos()).setPid(c.pid()).setUser(c.user())
                .setStopDeadlineMillis(c.stopDeadlineMillis()).setResources(c.resources()).setCheckpoint(c.checkpoint());
        c.resourcesAsked().forEach(row::setResourcesAsked);
        c.exit().forEach(row::setExit);
        c.neverRan().forEach(n -> row.setStartFailure(n.cause()).setStartFailureAtNanos(n.foundAtNanos()));
        c.pending().forEach(p -> row.setPending(row(p)));
        return row.build();
    }

    static Container entity(ContainerRow r) {
        return new Container(r.getId(), r.getSandboxId(), r.getConfig(), r.getImageId(), r.getStopSignal(),
                Container.Phase.valueOf(r.getPhase()), r.getCreatedAtNanos(), r.getStartedAtNanos(), r.getPid(), r.getUser(),
                Option.when(r.hasExit(), r::getExit), Option.when(r.hasStartFailure(), () -> new Container.NeverRan(r.getStartFailure(), r.getStartFailureAtNanos())),
                pending(r.hasPending(), r.getPending()), r.getStopDeadlineMillis(), r.getResources(),
                Option.when(r.hasResourcesAsked(), r::getResourcesAsked), r.getCheckpoint());
    }

    static ImageRow row(Image i) {
        var row = ImageRow.newBuilder().setId(i.id()).addAllRepoTags(i.repoTags()).addAllRepoDigests(i.repoDigests())
                .setSizeBytes(i.sizeBytes()).setUser(i.user()).setStopSignal(i.stopSignal()).setDriver(i.driver());
        i.pending().forEach(p -> row.setPending(row(p)));
        return row.build();
    }

    static Image entity(ImageRow r) {
        return new Image(r.getId(), TreeSet.ofAll(r.getRepoTagsList()), TreeSet.ofAll(r.getRepoDigestsList()), r.getSizeBytes(),
                r.getUser(), r.getStopSignal(), r.getDriver(), pending(r.hasPending(), r.getPending()));
    }

    static ExecRow row(Exec e) {
        return ExecRow.newBuilder().setId(e.id()).setContainerId(e.containerId()).setIntent(e.intent()).build();
    }

    static Exec entity(ExecRow r) {
        return new Exec(r.getId(), r.getContainerId(), r.getIntent());
    }

    static PullRow row(Pull p) {
        return PullRow.newBuilder().setId(p.id()).setReference(p.reference()).setIntent(p.intent()).setDriver(p.driver()).build();
    }

    static Pull entity(PullRow r) {
        return new Pull(r.getId(), r.getReference(), r.getDriver(), r.getIntent());
    }

    private static PendingRow row(Pending p) {
        return PendingRow.newBuilder().setIntent(p.intent()).setKind(p.kind().name()).build();
    }

    private static Option<Pending> pending(boolean present, PendingRow r) {
        return Option.when(present, () -> new Pending(r.getIntent(), Pending.Kind.valueOf(r.getKind())));
    }
}
