@org.jspecify.annotations.NullMarked
package weft.bench;
