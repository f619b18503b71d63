/**
 * Images: {@link io.cairn.images.ImageStore} pulls and keeps them, {@link io.cairn.images.Snapshots} makes root file systems
 * of them. The registry client stands alone in {@code io.cairn.images.registry}.
 */
package io.cairn.images;
