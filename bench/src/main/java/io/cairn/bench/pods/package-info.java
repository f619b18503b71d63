/** The CRI calls of a pod's life, measured on Cairn and on containerd in turn. */
package io.cairn.bench.pods;
