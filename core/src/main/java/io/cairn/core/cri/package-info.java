/**
 * CRI v1 on a unix socket. One class per call that is more than a line of translation: request to command, problem to status,
 * state to reply. Nothing is decided here.
 */
package io.cairn.core.cri;
