package io.cairn.network;

import io.vavr.control.Option;

/** One pool to allocate from (CNI conventions, {@code ipRanges}): a subnet in CIDR notation and bounds within it. */
public record IpRange(String subnet, Option<String> rangeStart, Option<String> rangeEnd, Option<String> gateway) {}
