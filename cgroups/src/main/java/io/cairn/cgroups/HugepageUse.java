package io.cairn.cgroups;

/** @param pageSize in the kernel's words: 2MB, 1GB */
public record HugepageUse(String pageSize, long usageBytes, long maxUsageBytes) {}
