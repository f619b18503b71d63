package io.cairn.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of a container's log.
 *
 * @param time as it is written there
 * @param stream stdout or stderr
 * @param tag P for a part of a line, F for the last one or the whole
 * @param text without line feed
 */
public record LogLine(String time, String stream, String tag, String text) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** All of a log, in one of the forms that the kubelet reads: the CRI's or Docker's. What was not written to its end is left out. */
    public static List<LogLine> of(Path file) throws IOException {
        String log = Files.readString(file);
        var lines = new ArrayList<LogLine>();
        for (String line : log.substring(0, log.lastIndexOf('\n') + 1).lines().toList()) {
            lines.add(line.startsWith("{") ? ofDocker(line) : ofCri(line));
        }
        return lines;
    }

    private static LogLine ofCri(String line) {
        String[] parts = line.split(" ", 4);
        return new LogLine(parts[0], parts[1], parts[2], parts[3]);
    }

    /** There the line feed is part of the text, and tells whether the line is whole. */
    private static LogLine ofDocker(String line) throws IOException {
        JsonNode json = JSON.readTree(line);
        String text = json.path("log").asText();
        boolean whole = text.endsWith("\n");
        return new LogLine(json.path("time").asText(), json.path("stream").asText(), whole ? "F" : "P",
                whole ? text.substring(0, text.length() - 1) : text);
    }

    /** What a program has written to one of its outputs. */
    public static String text(List<LogLine> log, String stream) {
        var text = new StringBuilder();
        log.stream().filter(l -> l.stream().equals(stream)).forEach(l -> text.append(l.text()).append(l.tag().equals("F") ? "\n" : ""));
        return text.toString();
    }
}
