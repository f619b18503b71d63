/**
 * A client for OCI registries that knows nothing of any store: {@link io.cairn.images.registry.RegistryClient} opens a
 * session for one image, which resolves it for a platform and streams its blobs, each checked against its digest.
 */
package io.cairn.images.registry;
