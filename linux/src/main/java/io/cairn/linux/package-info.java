/**
 * System calls that the JDK does not offer, each behind a small typed door.
 *
 * <p>One class per concern ({@link io.cairn.linux.Mounts}, ...). Every failure is a {@link io.cairn.linux.LinuxException}
 * that names the call, its arguments and the errno; nothing here logs, retries or decides.
 */
package io.cairn.linux;
