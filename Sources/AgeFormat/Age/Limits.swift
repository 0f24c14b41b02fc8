/// The most bytes of a secret that are read into memory, clear or encrypted: 1 GiB.
package let largestSecret = 1 << 30
