/**
 * The journal as a stream: {@link io.cairn.core.feed.EventFeed} tells who follows it that there is more, and each follower reads at
 * its own pace.
 */
package io.cairn.core.feed;
