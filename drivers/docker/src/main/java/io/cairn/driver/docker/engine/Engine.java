package io.cairn.driver.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.ExecCreateCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectExecResponse;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.command.UpdateContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import io.cairn.core.driver.DriverException;
import io.cairn.images.TarFiles;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * One Docker Engine. Every call has a time limit; where the socket does not answer, it fails at once with
 * {@link io.cairn.proto.journal.Failure.Kind#UNAVAILABLE} and the socket's name, and the first call after the engine is back finds it.
 * Nothing is tried twice: whether what broke on the way was done, only a question tells. Thread-safe.
 *
 * <p>All failures are {@link DriverException}s: what was tried, on which socket, what the engine said.
 */
public final class Engine implements AutoCloseable {
    /**
     * What a client types at a terminal to leave it. The engine swallows these and holds back what could begin them; none of its own words says
     * that there are no such keys, and its default is what editors are used with.
     */
    private static final String DETACH_KEYS = "ctrl-^,ctrl-_,ctrl-^,ctrl-_,ctrl-^";

    private final Transport transport;
    private final EngineFailures failures;
    private final DockerClient client;
    private final ObjectMapper json;

    /** @param callTimeout of each call; what streams may take longer as long as it moves */
    public Engine(Path socket, Duration callTimeout) {
        var config = new ClientConfig();
        this.json = config.getObjectMapper();
        this.transport = new Transport(socket, callTimeout, json);
        this.failures = new EngineFailures(socket, callTimeout);
        this.client = DockerClientImpl.getInstance(config, transport);
    }

    public Path socket() {
        return transport.socket();
    }

    /** Of the engine, which answers now. */
    public Version version() throws DriverException {
        return call("ask for the version", () -> client.versionCmd().exec());
    }

    /** What is spoken with the engine. */
    public ApiVersion api() throws DriverException {
        return call("ask for the version", transport::api);
    }

    /** The engine's directories, drivers and runtimes. */
    public Info info() throws DriverException {
        return call("ask for the engine's configuration", () -> client.infoCmd().exec());
    }

    /** @return its id; none when there is one with that name */
    public Option<String> createContainer(NewContainer container) throws DriverException {
        CreateContainerCmd command = container.shape().apply(client.createContainerCmd(container.image()));
        ObjectNode body = json.valueToTree(command);
        ObjectNode hostConfig = body.withObject("/HostConfig");
        container.hostConfig().forEach(hostConfig::set);
        Request request = post("/containers/create?name=" + Query.encode(container.name()), body).build();
        return call("create container " + container.name(), () -> {
            try {
                return Option.some(transport.json(request, transport.limit()).path("Id").asText());
            } catch (ConflictException e) {
                return Option.none();
            }
        });
    }

    /** @return false when it runs already */
    public boolean startContainer(String id) throws DriverException {
        return call("start container " + id, () -> {
            try {
                client.startContainerCmd(id).exec();
                return true;
            } catch (NotModifiedException e) {
                return false;
            }
        });
    }

    /**
     * Sends a signal to its first process.
     *
     * @return false when it does not run, or is not there
     */
    public boolean killContainer(String id, int signal) throws DriverException {
        return call("send signal %d to container %s".formatted(signal, id), () -> {
            try {
                client.killContainerCmd(id).withSignal(Integer.toString(signal)).exec();
                return true;
            } catch (NotFoundException | ConflictException e) {
                return false;
            }
        });
    }

    /**
     * Takes it away with its anonymous volumes, its processes killed.
     *
     * @return false when the engine is at it already, for somebody else
     */
    public boolean removeContainer(String id) throws DriverException {
        return call("remove container " + id, () -> {
            try {
                client.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
                return true;
            } catch (NotFoundException e) {
                return true;
            } catch (ConflictException e) {
                return false;
            }
        });
    }

    /** @param id or name */
    public Option<InspectContainerResponse> container(String id) throws DriverException {
        return find("inspect container " + id, () -> client.inspectContainerCmd(id).exec());
    }

    /** All that carry these labels, whether they run or not. */
    public Vector<Container> containers(Map<String, String> labels) throws DriverException {
        return call("list containers", () ->
                Vector.ofAll(client.listContainersCmd().withShowAll(true).withLabelFilter(labels.toJavaMap()).exec()));
    }

    /** The directory in which the engine's overlay drivers keep what it has written to its root file system; other drivers have none. */
    public Option<Path> writtenDirectory(String id) throws DriverException {
        Request request = get("/containers/%s/json".formatted(Query.encode(id)));
        return find("inspect container " + id, () -> transport.json(request, transport.limit()).at("/GraphDriver/Data/UpperDir").asText())
                .filter(path -> !path.isEmpty()).map(Path::of);
    }

    /** Bytes that it has written to its root file system, as the engine measures them: looks at every file. None without such a container. */
    public Option<Long> writtenBytes(String id) throws DriverException {
        Request request = get("/containers/%s/json?size=1".formatted(Query.encode(id)));
        return find("measure what container %s has written".formatted(id), () -> transport.json(request, transport.limit()).path("SizeRw").asLong());
    }

    public void updateContainer(String id, UnaryOperator<UpdateContainerCmd> limits) throws DriverException {
        call("change the limits of container " + id, () -> limits.apply(client.updateContainerCmd(id)).exec());
    }

    public void resizeContainer(String id, int rows, int columns) throws DriverException {
        call("resize the terminal of container " + id, () -> client.resizeContainerCmd(id).withSize(rows, columns).exec());
    }

    /** Output from now on. @param stdin whether what is written comes to its input, every byte as it is */
    public EngineStream attach(String id, boolean stdin, boolean stdout, boolean stderr) throws DriverException {
        return stream("attach to container " + id, "/containers/%s/attach?stream=1&stdin=%d&stdout=%d&stderr=%d&detachKeys=%s"
                .formatted(Query.encode(id), stdin ? 1 : 0, stdout ? 1 : 0, stderr ? 1 : 0, Query.encode(DETACH_KEYS)), Option.none());
    }

    /** @return the id by which it is started */
    public String createExec(String container, UnaryOperator<ExecCreateCmd> command) throws DriverException {
        ObjectNode body = json.valueToTree(command.apply(client.execCreateCmd(container)));
        Request request = post("/containers/%s/exec".formatted(Query.encode(container)), body.put("DetachKeys", DETACH_KEYS)).build();
        return call("make a command in container " + container, () -> transport.json(request, transport.limit()).path("Id").asText());
    }

    /** Starts what {@link #createExec} has made; its output ends when it has. */
    public EngineStream startExec(String execId, boolean terminal) throws DriverException {
        return stream("start command " + execId, "/exec/%s/start".formatted(Query.encode(execId)),
                Option.some(json.createObjectNode().put("Detach", false).put("Tty", terminal)));
    }

    public Option<InspectExecResponse> exec(String execId) throws DriverException {
        return find("inspect command " + execId, () -> client.inspectExecCmd(execId).exec());
    }

    public void resizeExec(String execId, int rows, int columns) throws DriverException {
        call("resize the terminal of command " + execId, () -> client.resizeExecCmd(execId).withSize(rows, columns).exec());
    }

    /**
     * Gives it an archive of images. It may have taken some of it when this fails, and what of it, only a question tells.
     *
     * @param stalled how long nothing may move
     */
    public void loadImage(ImageArchive archive, Duration stalled) throws DriverException {
        Request request = Request.builder().method(Request.Method.POST).path("/images/load?quiet=1").putHeader("Content-Type", "application/x-tar").build();
        String tried = "load an image";
        String error = call(tried, () -> {
            // It has said 200 before it looks at what comes: what it thinks of it follows.
            try (Answer answer = transport.accepted(request, archive, TimeLimit.stalled(stalled))) {
                return Vector.ofAll(json.readerFor(JsonNode.class).<JsonNode>readValues(answer.getBody()).readAll())
                        .map(said -> said.path("errorDetail").path("message").asText(said.path("error").asText(""))).find(e -> !e.isEmpty())
                        .getOrElse("");
            }
        });
        if (!error.isEmpty()) {
            throw failures.refused(tried, 500, error, Option.none());
        }
    }

    /** @param id or name */
    public Option<InspectImageResponse> image(String id) throws DriverException {
        return find("inspect image " + id, () -> client.inspectImageCmd(id).exec());
    }

    /** All of the engine, but for those that only others are made of. */
    public Vector<Image> images() throws DriverException {
        return call("list images", () -> Vector.ofAll(client.listImagesCmd().exec()));
    }

    public void tagImage(String imageId, String repository, String tag) throws DriverException {
        call("tag image %s as %s:%s".formatted(imageId, repository, tag), () -> client.tagImageCmd(imageId, repository, tag).exec());
    }

    /**
     * Takes a name away, and the image with its last one.
     *
     * @return false when a container needs it, or names do that were not given
     */
    public boolean removeImage(String name) throws DriverException {
        return call("remove image " + name, () -> {
            try {
                client.removeImageCmd(name).exec();
                return true;
            } catch (NotFoundException e) {
                return true;
            } catch (ConflictException e) {
                return false;
            }
        });
    }

    /** Of containers that carry these labels. @param since those that happened from then on, and none: from now on */
    public EventStream events(Option<Instant> since, Map<String, String> labels) throws DriverException {
        ObjectNode filters = json.createObjectNode();
        filters.putArray("type").add("container");
        labels.forEach((name, value) -> filters.withArray("/label").add(name + "=" + value));
        String from = since.map(t -> "&since=%d.%09d".formatted(t.getEpochSecond(), t.getNano())).getOrElse("");
        Request request = get("/events?filters=%s%s".formatted(Query.encode(filters.toString()), from));
        return call("hear of events", () -> {
            Answer answer = transport.accepted(request, transport.limit());
            answer.wire().disarm();
            // A parser of bytes would wait for the first of them here, to see how they are encoded.
            var parser = json.createParser(new InputStreamReader(answer.getBody(), StandardCharsets.UTF_8));
            return new EventStream(answer, json.readerFor(Event.class).readValues(parser), failures);
        });
    }

    /**
     * Whether it remembers to have seen the end of a container at that time; it remembers a few hundred events, since its start.
     *
     * @param atNanos wall time, as the container's state has it
     */
    public boolean hasDied(String id, long atNanos) throws DriverException {
        ObjectNode filters = json.createObjectNode();
        filters.putArray("container").add(id);
        filters.putArray("event").add("die");
        long second = TimeUnit.NANOSECONDS.toSeconds(atNanos);
        // It dates the event when it has dealt with the end, which may be a while later.
        Request request = get("/events?since=%d&until=%d&filters=%s".formatted(second - 1, Instant.now().getEpochSecond() + 1,
                Query.encode(filters.toString())));
        return call("ask for the end of container " + id, () -> {
            try (Answer answer = transport.accepted(request, transport.limit())) {
                return json.readerFor(Event.class).readValues(answer.getBody()).hasNextValue();
            }
        });
    }

    /**
     * A regular file of a container, whether it runs or not; links are followed as if its root were all there is.
     *
     * @return none when there is none
     * @throws DriverException also when it is larger
     */
    public Option<byte[]> file(String container, String path, int bytesMax) throws DriverException {
        String tried = "read %s of container %s".formatted(path, container);
        Option<FileAnswer> file = find(tried, () -> askForFile(container, path, bytesMax));
        return file.exists(f -> f.bytes().isEmpty() && !f.linkTarget().isEmpty())
                ? find(tried, () -> askForFile(container, file.get().linkTarget(), bytesMax)).flatMap(FileAnswer::bytes)
                : file.flatMap(FileAnswer::bytes);
    }

    /** @param linkTarget of a link, with all links on the way followed; empty of anything else */
    private record FileAnswer(Option<byte[]> bytes, String linkTarget) {}

    private FileAnswer askForFile(String container, String path, int bytesMax) throws IOException {
        Request request = get("/containers/%s/archive?path=%s".formatted(Query.encode(container), Query.encode(path)));
        try (Answer answer = transport.accepted(request, transport.limit())) {
            String stat = answer.header("x-docker-container-path-stat").getOrElse("");
            String target = json.readTree(Base64.getDecoder().decode(stat)).path("linkTarget").asText("");
            var content = new AtomicReference<Option<byte[]>>(Option.none());
            TarFiles.read(answer.getBody(), (name, sizeBytes, in) -> {
                if (sizeBytes > bytesMax) {
                    throw new IOException("Expected %s to have at most %d bytes, but it has %d".formatted(path, bytesMax, sizeBytes));
                }
                content.set(Option.some(in.readNBytes(bytesMax)));
            });
            return new FileAnswer(content.get(), target);
        }
    }

    /** @param body none where the engine reads none: it would take it for the first input of the process */
    private EngineStream stream(String tried, String path, Option<ObjectNode> body) throws DriverException {
        Request request = body.map(json -> post(path, json)).getOrElse(() -> Request.builder().method(Request.Method.POST).path(path))
                .putHeader("Upgrade", "tcp").build();
        return call(tried, () -> new EngineStream(transport.accepted(request, transport.limit())));
    }

    private static Request get(String path) {
        return Request.builder().method(Request.Method.GET).path(path).build();
    }

    private static Request.Builder post(String path, JsonNode body) {
        return Request.builder().method(Request.Method.POST).path(path).putHeader("Content-Type", "application/json")
                .bodyBytes(body.toString().getBytes(StandardCharsets.UTF_8));
    }

    private <T> Option<T> find(String tried, Callable<T> question) throws DriverException {
        return call(tried, () -> {
            try {
                return Option.some(question.call());
            } catch (NotFoundException e) {
                return Option.none();
            }
        });
    }

    /** @param tried continues "Cannot …" */
    private <T> T call(String tried, Callable<T> api) throws DriverException {
        try {
            return api.call();
        } catch (Exception e) {
            throw failures.of(tried, e);
        }
    }

    /** Calls under way fail when their time is up. */
    @Override
    public void close() {
        transport.close();
    }
}
