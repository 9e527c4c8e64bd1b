/**
 * The operator's command line over the HTTP API: one class for each noun, one method for each verb.
 */
package io.turnpike.ctl;
