/**
 * Pods and containers by an OCI runtime under conmon, with no daemon below.
 *
 * <p>Its files, beside those that {@link io.cairn.driver.host} describes:
 *
 * <pre>
 * state/containers/ID/conmon/          conmon's own: exit, oom
 *                     update.json      the limits that were set last
 *                     checkpoint.json  which checkpoint was tried last; checkpoint/ is what it is made of meanwhile
 *                     restore/         images of the processes that go on in it
 * state/exits/ID                       exit code as text, written by conmon; its time is the time of the exit
 * state/images/                        the image store
 * run/criu/                            where the OCI runtime finds CRIU
 * run/containers/ID/                   bundle: pid files, let-go once the program was started, attach socket, exec/ID
 * </pre>
 */
package io.cairn.driver.runc;
