/** Images: pulled by our registry client, loaded into the engine as archives. */
package io.cairn.driver.docker.images;
