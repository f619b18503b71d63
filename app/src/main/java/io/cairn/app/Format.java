package io.cairn.app;

import io.vavr.collection.Array;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.ParseException;

/** In which form a command prints. */
enum Format {
    TEXT, JSON;

    static final Option OPTION = Option.builder("o").hasArg().argName("FORMAT").desc("text or json (default: text).").get();

    static Format of(Invocation invocation) throws ParseException {
        String asked = invocation.value(OPTION).getOrElse(TEXT.name());
        return Array.of(values()).find(format -> format.name().equalsIgnoreCase(asked))
                .getOrElseThrow(() -> new ParseException("Invalid value for option '-o': expected text or json but was '" + asked + "'"));
    }
}
