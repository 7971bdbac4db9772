/// Test vectors against this program: every file that is recognised in a folder, case by case.
package weft.app.vectors;
