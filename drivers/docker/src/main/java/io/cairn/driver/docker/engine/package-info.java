/** The Docker Engine's HTTP API: one method for each call, HTTP on a unix socket below it. */
package io.cairn.driver.docker.engine;
