/** How long the API's questions take over several instances and many users. */
package io.turnpike.benchmarks.queries;
