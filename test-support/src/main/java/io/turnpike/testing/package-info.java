/** What the tests of every module share. No product depends on it. */
package io.turnpike.testing;
