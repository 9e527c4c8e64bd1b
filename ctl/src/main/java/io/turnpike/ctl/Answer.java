package io.turnpike.ctl;

import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What the API answered.
 *
 * @param body
 *            the JSON body; a missing node if there was none
 * @param etag
 *            the version of the resource
 */
record Answer(JsonNode body, Optional<String> etag) {}
