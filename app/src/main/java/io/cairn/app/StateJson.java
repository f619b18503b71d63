package io.cairn.app;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.cairn.core.cri.Listing;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Seq;
import io.vavr.control.Option;

/** A state as one JSON object: {@code sequence}, {@code wallTimeNanos}, and CRI's own messages in {@code pods}, {@code containers}, {@code images}. */
final class StateJson {
    private static final JsonFormat.Printer PRINTER = JsonFormat.printer().omittingInsignificantWhitespace().alwaysPrintFieldsWithNoPresence();

    private StateJson() {}

    static String of(Option<Event> last, Listing listing) throws InvalidProtocolBufferException {
        return "{\"sequence\":\"%d\",\"wallTimeNanos\":\"%d\",\"pods\":%s,\"containers\":%s,\"images\":%s}%n".formatted(
                last.map(Event::getSequence).getOrElse(0L), last.map(Event::getWallTimeNanos).getOrElse(0L),
                array(listing.pods()), array(listing.containers()), array(listing.images()));
    }

    private static String array(Seq<? extends Message> messages) throws InvalidProtocolBufferException {
        var json = new StringBuilder("[");
        for (Message message : messages) {
            json.append(json.length() > 1 ? "," : "").append(PRINTER.print(message));
        }
        return json.append(']').toString();
    }
}
