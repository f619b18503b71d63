/** The demonstration: a pod, a crash, the recovery and the history, told step by step. */
package io.cairn.demo;
