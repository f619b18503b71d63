/**
 * What a driver is: the small interface behind which runc, containerd and Docker look alike.
 *
 * <p>A driver keeps no truth of its own. It carries out what the journal intends, under the ids it is given, tells what its
 * backend really holds, and reports what happens by itself.
 */
package io.cairn.core.driver;
