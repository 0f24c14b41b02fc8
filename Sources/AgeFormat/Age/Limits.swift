/// The most bytes of a secret's file that is read into memory: 1 GiB.
package let largestSecret = 1 << 30
