/**
 * Pods and containers by an OCI runtime under conmon, with no daemon below.
 *
 * <p>Its files, beside those that {@link io.cairn.driver.host} and {@link io.cairn.driver.host.checkpoint} describe:
 *
 * <pre>
 * state/containers/ID/conmon/          conmon's own: exit, oom
 *                     update.json      the limits that were set last
 * state/exits/ID                       exit code as text, written by conmon; its time is the time of the exit
 * state/images/                        the image store
 * run/criu/                            where the OCI runtime finds CRIU
 * run/containers/ID/                   bundle: pid files, let-go once the program was started, attach socket, exec/ID
 * </pre>
 */
package io.cairn.driver.runc;
